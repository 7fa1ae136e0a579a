import { type Decoder, integer, optional, required } from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { type PodTemplate, podTemplate } from "./pod.ts";
import { type Resource, resource } from "./resource.ts";

export interface DeploymentSpec {
  readonly replicas?: number;
  readonly template: PodTemplate;
}

export type Deployment = Resource<"Deployment", DeploymentSpec>;

export const deployment: Decoder<Deployment> = resource(
  "Deployment",
  object<DeploymentSpec>(
    { replicas: optional(integer), template: required(podTemplate) },
    { unknown: "ignore" },
  ),
);
