/**
 * Limits on the resources that a file may take. Data files are untrusted: each length that comes from a file
 * is compared with one of these before anything is allocated.
 */
export const limits = {
  /** Decoded pixels of one split, which stay in memory (2 GiB: CIFAR-10 takes 150 MB, 14,000 images of 224×224 fit). */
  pixelBytes: 2 ** 31,
  /** One file that is read whole, also after decompression (a Node buffer may be twice as large). */
  fileBytes: 2 ** 31,
  /** Encoded images of one parquet split, kept until each is decoded. */
  encodedBytes: 2 ** 31,
  /** Rows of one parquet file (a few bytes can claim billions). */
  rows: 1e7,
  /** One encoded image. */
  imageBytes: 2 ** 27,
  /** Pixels of one image when decoded: a quarter of a gibibyte in RGB, from which on Pillow warns of a decompression bomb. */
  imagePixels: Math.floor(2 ** 28 / 3),
  /** Maximum height and width of a sample. */
  size: 4096,
  /** Classes of a data set (ImageNet-21k has 21,843). */
  classes: 100_000,
} as const;
