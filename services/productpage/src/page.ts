/** The HTML that a person looks at. Everything that comes from a backend or a client is escaped. */
import type { BackendAnswer } from "./backends.ts";

export interface Product {
  readonly id: number;
  readonly title: string;
  /** Ours, trusted: the only text that is not escaped. */
  readonly descriptionHtml: string;
}

const detailLabels = [
  ["type", "Type"],
  ["pages", "Pages"],
  ["publisher", "Publisher"],
  ["language", "Language"],
  ["ISBN-10", "ISBN-10"],
  ["ISBN-13", "ISBN-13"],
] as const;

export function renderProductPage(view: {
  readonly product: Product;
  readonly user: string | undefined;
  readonly details: BackendAnswer;
  readonly reviews: BackendAnswer;
}): string {
  const { product, user, details, reviews } = view;
  return layout(
    product.title,
    `${renderUser(user)}
<main>
<h1>${escapeHtml(product.title)}</h1>
<p class="summary">${product.descriptionHtml}</p>
<div class="columns">
<section><h2>Book details</h2>${renderDetails(details)}</section>
<section><h2>Book reviews</h2>${renderReviews(reviews)}</section>
</div>
</main>`,
  );
}

export function renderIndexPage(products: readonly Product[]): string {
  const rows = products.map(
    ({ title }) => `<li><a href="/productpage">${escapeHtml(title)}</a></li>`,
  );
  return layout(
    "Bookinfo",
    `<main><h1>Bookinfo</h1>
<p>A page made by four services: productpage asks details and reviews, reviews asks ratings.</p>
<ul>${rows.join("")}</ul></main>`,
  );
}

function renderUser(user: string | undefined): string {
  return user === undefined
    ? `<nav>Bookinfo <form action="/login" method="post"><input name="username" placeholder="user name" aria-label="user name" required maxlength="64"><button>Sign in</button></form></nav>`
    : `<nav>Bookinfo <span>${escapeHtml(user)} (<a href="/logout">sign out</a>)</span></nav>`;
}

function renderDetails(details: BackendAnswer): string {
  if (!details.ok) return renderError("Error fetching product details!", details.error);
  const book = asRecord(details.body);
  const rows = detailLabels.map(
    ([key, label]) => `<tr><th>${label}</th><td>${escapeHtml(String(book[key] ?? ""))}</td></tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}

function renderReviews(reviews: BackendAnswer): string {
  if (!reviews.ok) return renderError("Error fetching product reviews!", reviews.error);
  const answer = asRecord(reviews.body);
  const list = Array.isArray(answer["reviews"]) ? answer["reviews"].map(asRecord) : [];
  const quotes = list.map((review) => {
    const text = escapeHtml(String(review["text"] ?? ""));
    const reviewer = escapeHtml(String(review["reviewer"] ?? ""));
    return `<blockquote><p>${text}</p><footer>${reviewer}</footer>${renderRating(review["rating"])}</blockquote>`;
  });
  const pod = escapeHtml(String(answer["podname"] ?? ""));
  return `${quotes.join("")}<p class="pod">Reviews served by: <code>${pod}</code></p>`;
}

function renderRating(value: unknown): string {
  if (value === undefined || value === null) return "";
  const rating = asRecord(value);
  if (typeof rating["error"] === "string") {
    return `<p class="error">${escapeHtml(rating["error"])}</p>`;
  }
  const stars = Math.max(0, Math.min(5, Math.trunc(Number(rating["stars"])) || 0));
  const color = rating["color"] === "red" ? "red" : "black";
  return `<p class="stars ${color}" title="${stars} of 5 stars">${"★".repeat(stars)}${"☆".repeat(5 - stars)}</p>`;
}

function renderError(title: string, text: string): string {
  return `<div class="error"><strong>${title}</strong><p>${escapeHtml(text)}</p></div>`;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function layout(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/static/productpage.css">
</head>
<body>
${body}
</body>
</html>
`;
}
