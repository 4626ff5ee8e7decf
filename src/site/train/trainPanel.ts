/** Brings a "train it here" panel to life: buttons, loss curve and pictures, fed by a training worker. */
import type { StepPictures, TrainingStep } from "../../mim/worker/messages.ts";
import { type Training, trainInWorker } from "../../mim/worker/trainInWorker.ts";
import { lossCurve } from "./lossCurve.ts";

const ROWS = ["input", "masked", "reconstruction"] as const;
const GAP = 2;

export function trainPanel(panel: HTMLElement): void {
  const one = <E extends Element>(selector: string) => panel.querySelector<E>(selector)!;
  const button = (name: string) => one<HTMLButtonElement>(`button[data-do="${name}"]`);
  const say = (name: string, text: string) => {
    one(`[data-say="${name}"]`).textContent = text;
  };
  const [start, pause, stop] = [button("start"), button("pause"), button("stop")];
  const stepsField = one<HTMLInputElement>("input[name=steps]");
  const curve = lossCurve(one<SVGSVGElement>("svg.curve"));
  const canvases = new Map(ROWS.map((row) => [row, panel.querySelector<HTMLCanvasElement>(`canvas[data-row=${row}]`)]));

  let training: Training | undefined;
  let paused = false;
  let began = 0;
  let announced = 0;

  const idle = () => {
    training = undefined;
    start.disabled = stepsField.disabled = false;
    pause.disabled = stop.disabled = true;
    pause.textContent = "Pause";
  };

  start.addEventListener("click", async () => {
    if (!stepsField.reportValidity()) return;
    const steps = stepsField.valueAsNumber;
    curve.clear(steps);
    paused = false;
    announced = 0;
    start.disabled = stepsField.disabled = true;
    pause.disabled = stop.disabled = false;
    say("steps", String(steps));
    for (const name of ["step", "first", "now", "speed"]) say(name, "–");
    say("status", "Loading the method and compiling its training step …");
    const own = trainInWorker(
      panel.dataset.method!,
      { steps, picturesEvery: Math.max(5, Math.round(steps / 20)) },
      show,
    );
    training = own;
    stop.focus();
    try {
      await own.done;
      say("status", announced === 1 ? `Done: ${steps} steps.` : "Stopped.");
    } catch (error) {
      say("status", `Training failed: ${(error as Error).message}`);
    }
    idle();
    start.focus();
  });
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Resume" : "Pause";
    say("status", paused ? "Paused." : "Training.");
    if (paused) training?.pause();
    else training?.resume();
  });
  stop.addEventListener("click", () => training?.stop());

  function show({ step, steps, loss, device, pictures }: TrainingStep): void {
    if (pictures) drawPictures(pictures);
    if (loss === undefined) return;
    if (step === 1) {
      began = performance.now();
      say("status", `Training on ${device === "webgpu" ? "WebGPU" : "WebAssembly"}.`);
      say("first", format(loss));
    }
    curve.add(step, loss);
    say("top", format(curve.scale[1]));
    say("bottom", format(curve.scale[0]));
    say("step", `${step} of ${steps}`);
    say("now", format(curve.smooth!));
    if (step > 1 && !paused) say("speed", `${((1000 * (step - 1)) / (performance.now() - began)).toFixed(1)} steps/s`);
    const quarter = Math.floor((4 * step) / steps) / 4;
    if (quarter > announced) {
      announced = quarter;
      one("svg.curve").setAttribute(
        "aria-label",
        `Loss over ${step} steps, from ${one('[data-say="first"]').textContent} to ${format(curve.smooth!)}`,
      );
    }
  }

  function drawPictures(pictures: StepPictures): void {
    const { count, width, height } = pictures;
    const whole = count * width + (count - 1) * GAP;
    for (const [row, canvas] of canvases) {
      if (!canvas) continue;
      if (canvas.width !== whole || canvas.height !== height) [canvas.width, canvas.height] = [whole, height];
      const context = canvas.getContext("2d")!;
      for (let n = 0; n < count; n++) {
        const pixels = pictures[row].slice(n * width * height * 4, (n + 1) * width * height * 4);
        context.putImageData(new ImageData(pixels, width, height), n * (width + GAP), 0);
      }
    }
  }
}

const format = (x: number) => (Math.abs(x) >= 100 ? x.toFixed(0) : x.toPrecision(3));
