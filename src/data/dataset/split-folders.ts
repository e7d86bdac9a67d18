/** Folder names of each split of an image folder; the first that exists is taken. */
export const SPLIT_FOLDERS = {
  train: ["train"],
  test: ["test", "val", "validation", "valid"],
} as const;
