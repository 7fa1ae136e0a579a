/** What configurations and requests are made of: few words, near to one another, so that they meet. */
import fc from "fast-check";

export const domains = [
  "shop.test",
  "Shop.Test",
  "shop.test:8080",
  "shop.test:*",
  "*.shop.test",
  "*.eu.shop.test",
  "*-eu.shop.test",
  "*shop.test",
  "shop.*",
  "shop.te*",
  "www.*",
  "*.test:8080",
  "127.0.0.1",
  "[::1]",
  "[::1]:80",
  "xn--caf-dma.test",
] as const;

export const hosts = [
  "shop.test",
  "SHOP.test",
  "shop.test:8080",
  "shop.test:80",
  "shop.test:443",
  "shop.test.",
  "shop.test.:8080",
  "www.shop.test",
  "a.eu.shop.test",
  ".shop.test",
  "shop.",
  "www.other.test:8080",
  "x-eu.shop.test",
  "-eu.shop.test",
  "127.0.0.1",
  "127.0.0.1:10000",
  "[::1]",
  "[::1]:80",
  "::1",
  "xn--caf-dma.test",
  "other.test",
  "shop.test:",
  "shop.test:99999",
  "shop.test:abc",
  "",
] as const;

export const paths = [
  "/",
  "/api",
  "/api/",
  "/API",
  "/api/items",
  "/api/items/1",
  "/apis",
  "/api;v=1",
  "/api%2Fitems",
  "/a%20b",
  "/web",
  "/web/page.html",
] as const;

export const regexes = [
  "/api/.*",
  "/(api|web)/?.*",
  "(?i)/API",
  "/api/items/([0-9]+)",
  ".*",
  "/api",
  "/[^/]+",
  "/api/\\w+/\\d{1,3}",
  "/a..*",
] as const;

export const headerNames = ["x-kind", "x-num", "x-list"] as const;
export const headerValues = ["blue", "Blue", "bluegreen", "green", "", "1", "42", "-7"] as const;
export const queryNames = ["q", "Q", "page", "q[]"] as const;
export const clusterNames = ["alpha", "beta"] as const;
/** No one listens there; no endpoint; none of that name. */
export const deadClusters = ["gone", "empty"] as const;

export const domain: fc.Arbitrary<string> = fc.constantFrom(...domains);
export const path: fc.Arbitrary<string> = fc.constantFrom(...paths);
export const regex: fc.Arbitrary<string> = fc.constantFrom(...regexes);
export const headerName: fc.Arbitrary<string> = fc.constantFrom(...headerNames);
export const headerValue: fc.Arbitrary<string> = fc.constantFrom(...headerValues);
export const queryName: fc.Arbitrary<string> = fc.constantFrom(...queryNames);
