// SPDX-License-Identifier: Apache-2.0
// Runs a Python file on MicroPython's WebAssembly port, whose integers and pointers have 32 bits as a board's have.
//
//   node tests/run_wasm32.mjs SCRIPT [ARGUMENT ...] [-- SCRIPT [ARGUMENT ...] ...]
//
// This port collects garbage only when nothing runs: so between scripts, which share one interpreter.
// It has no files but those in its memory: the .py, .mpy and .json files below the working directory are copied there.
// Its floats are doubles, where a board's are single: what is lost between the two shows on a board alone.
import { readFileSync, readdirSync } from "node:fs";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const HEAP_BYTES = 1024 * 1024;

function copy(folder, files) {
  for (const entry of readdirSync(folder || ".", { withFileTypes: true })) {
    const path = folder + entry.name;
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isDirectory()) copy(path + "/", files);
    else if (/\.(py|mpy|json)$/.test(entry.name)) {
      files.mkdirTree("/" + folder);
      files.writeFile("/" + path, readFileSync(path));
    }
  }
}

const RUN = `
import gc, sys
if sys.maxsize != 2**31 - 1:
    raise RuntimeError("this MicroPython is not one of 32 bits")
sys.argv[:] = argv.split("\\n")
code = 0
try:
    with open(sys.argv[0]) as script:
        exec(compile(script.read(), sys.argv[0], "exec"), {"__name__": "__main__", "__file__": sys.argv[0]})
except SystemExit as end:
    code = end.args[0] if end.args else 0
gc.collect()
`;

const micropython = await loadMicroPython({ heapsize: HEAP_BYTES, stdout: (line) => console.log(line) });
copy("", micropython.FS);
try {
  for (const command of process.argv.slice(2).join("\n").split("\n--\n")) {
    micropython.globals.set("argv", command);
    micropython.runPython(RUN);
    process.exitCode ||= micropython.globals.get("code");
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
