/** The tag `ext_authz_status` of a question's span. */
export const traceStatus = {
  ok: "ext_authz_ok",
  denied: "ext_authz_unauthorized",
  error: "ext_authz_error",
} as const;
