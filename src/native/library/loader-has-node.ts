import { runTool } from "./run-tool-node.ts";

/** Whether the system's loader knows a library by its name. Only Linux's can be asked; false where it does not answer. */
export async function loaderHas(soname: string): Promise<boolean> {
  const { status, stdout } = await runTool("ldconfig", ["-p"]);
  return status === 0 && stdout.split("\n").some((line) => line.trimStart().startsWith(`${soname} `));
}
