/** The build of Envoy whose behaviour this is; collectors see it as the exporter's version. */
export const implementedVersion: string =
  "9e5580933739775e8bce696a57a2e1bc99368f23/1.40.0/Clean/RELEASE/BoringSSL";
