/** The JSON of the public sample's reviews service, as data. */
import type { Review } from "./review-store.ts";

export type Ratings = Readonly<Record<string, number>>;
export const starColors = ["black", "red"] as const;
export type StarColor = (typeof starColors)[number];

export type Rating =
  | { readonly stars: number; readonly color: StarColor }
  | { readonly error: string };

export interface ReviewsAnswer {
  readonly id: string;
  readonly podname: string;
  readonly clustername: string;
  readonly reviews: readonly (Review & { readonly rating?: Rating })[];
}

export const ratingsUnavailable = "Ratings service is currently unavailable";

/** `ratings`: undefined where the ratings service could not be asked; `color` undefined: this version shows no stars (v1). */
export function composeReviews(
  head: Pick<ReviewsAnswer, "id" | "podname" | "clustername">,
  reviews: readonly Review[],
  color: StarColor | undefined,
  ratings: Ratings | undefined,
): ReviewsAnswer {
  if (color === undefined) return { ...head, reviews };
  return {
    ...head,
    reviews: reviews.map((review) => ({ ...review, ...ratingOf(review, color, ratings) })),
  };
}

/** A reviewer who gave no stars gets no rating. */
function ratingOf(
  review: Review,
  color: StarColor,
  ratings: Ratings | undefined,
): { readonly rating?: Rating } {
  if (!ratings) return { rating: { error: ratingsUnavailable } };
  const stars = ratings[review.reviewer];
  return stars === undefined ? {} : { rating: { stars, color } };
}
