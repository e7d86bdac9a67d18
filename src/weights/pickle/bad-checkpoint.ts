import { badFile } from "../../files/bad-file.ts";

/** The error of a PyTorch checkpoint that is damaged or none. */
export const badCheckpoint = badFile("the file is damaged or no PyTorch checkpoint, get it again");
