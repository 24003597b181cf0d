// The PDF viewer: pages drawn sharp by pdf.js, text selectable above them. Loaded only by pages that show a document.
import * as pdfjs from '/pdfjs/pdf.min.mjs';

const WORKER = '/pdfjs/pdf.worker.min.mjs';

// The page demands trusted types: this policy lets through the one script of ours, and nothing else.
const policy = globalThis.trustedTypes?.createPolicy('signet-viewer', {
  createScriptURL: (url) => {
    if (url !== WORKER) throw new TypeError(`not a script of the viewer: ${url}`);
    return url;
  },
});
// One worker for every document shown; it outlives them.
const worker = new pdfjs.PDFWorker({ port: new Worker(policy ? policy.createScriptURL(WORKER) : WORKER, { type: 'module' }), verbosity: 0 });

const MAX_PIXELS = 16_000_000; // of one canvas: phones refuse more

/**
 * Shows a PDF inside `stage`, in the place of what it showed before. No scripting, no XFA, no outside links: what is drawn is what is in the file.
 * @param {HTMLElement} stage
 * @param {Uint8Array} bytes copied: pdf.js hands its input to a worker
 * @param {{label: string}} texts `label` is a page's accessible name with `{page}` and `{pages}` in it
 */
export async function show(stage, bytes, texts) {
  const task = pdfjs.getDocument({
    data: bytes.slice(),
    worker,
    cMapUrl: '/pdfjs/cmaps/',
    cMapPacked: true,
    standardFontDataUrl: '/pdfjs/standard_fonts/',
    wasmUrl: '/pdfjs/wasm/',
    iccUrl: '/pdfjs/iccs/',
    isEvalSupported: false,
    enableXfa: false,
    stopAtErrors: false,
    verbosity: 0,
  });
  const pdf = await task.promise;
  const sheets = [];
  const holder = document.createElement('div');
  holder.className = 'sheets incoming';
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const box = page.getViewport({ scale: 1 });
    const sheet = document.createElement('div');
    sheet.className = 'sheet';
    sheet.setAttribute('role', 'group');
    sheet.setAttribute('aria-label', texts.label.replace('{page}', number).replace('{pages}', pdf.numPages));
    sheet.dataset.page = number;
    sheet.style.setProperty('aspect-ratio', `${box.width} / ${box.height}`);
    sheets.push({ number, page, box, sheet, drawnAt: 0, drawing: null });
    holder.append(sheet);
  }

  const draw = async (entry) => {
    const width = entry.sheet.clientWidth;
    if (!width || Math.abs(entry.drawnAt - width) < 1) return;
    entry.drawnAt = width;
    entry.drawing?.cancel();
    const scale = width / entry.box.width;
    let ratio = Math.max(window.devicePixelRatio || 1, 1);
    ratio = Math.min(ratio, Math.sqrt(MAX_PIXELS / (entry.box.width * entry.box.height * scale * scale)));
    const viewport = entry.page.getViewport({ scale: scale * ratio });
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(viewport.width);
    canvas.height = Math.round(viewport.height);
    canvas.setAttribute('aria-hidden', 'true');
    // The appearance of signature fields (the seals) is drawn with the page.
    entry.drawing = entry.page.render({ canvas, viewport, annotationMode: pdfjs.AnnotationMode.ENABLE });
    try {
      await entry.drawing.promise;
    } catch (error) {
      if (error?.name === 'RenderingCancelledException') return;
      throw error;
    }
    entry.sheet.querySelector('canvas')?.remove();
    entry.sheet.prepend(canvas);
    const layer = document.createElement('div');
    layer.className = 'text-layer';
    const textViewport = entry.page.getViewport({ scale });
    layer.style.setProperty('--total-scale-factor', String(scale));
    layer.style.setProperty('--scale-factor', String(scale));
    const text = new pdfjs.TextLayer({ textContentSource: entry.page.streamTextContent(), container: layer, viewport: textViewport });
    await text.render();
    entry.sheet.querySelector('.text-layer')?.remove();
    entry.sheet.append(layer);
    entry.sheet.dataset.drawn = 'true';
  };

  let stopped = false;
  const quietly = (entry) => draw(entry).catch((error) => stopped || console.warn(`page ${entry.number}: ${error.message}`));
  // What was shown before stays until the first page of the new one is drawn: nothing flickers while a preview follows the form.
  stage.append(holder);
  if (sheets.length) await quietly(sheets[0]);
  for (const before of [...stage.children]) if (before !== holder) before.remove();
  holder.className = 'sheets';
  const near = new IntersectionObserver(
    (changes) => changes.filter((change) => change.isIntersecting).forEach((change) => quietly(sheets[Number(change.target.dataset.page) - 1])),
    { rootMargin: '600px' },
  );
  const resized = new ResizeObserver((changes) => {
    for (const change of changes) {
      const entry = sheets[Number(change.target.dataset.page) - 1];
      if (entry.drawnAt && Math.abs(entry.drawnAt - change.contentRect.width) > 8) quietly(entry);
    }
  });
  sheets.forEach((entry) => {
    near.observe(entry.sheet);
    resized.observe(entry.sheet);
  });

  /** The files inside: first the named ones, then those that hang on a page. */
  const enclosed = async () => {
    const files = new Map([...((await pdf.getAttachments()) ?? [])].map(([id, { filename }]) => [id, filename]));
    for (const { page } of sheets) {
      for (const { fileId, file } of await page.getAnnotations()) if (fileId && file) files.set(fileId, file.filename);
    }
    const read = async ([id, name]) => ({ name, bytes: await pdf.getAttachmentContent(id) });
    return (await Promise.all([...files].map(read))).filter(({ bytes }) => bytes);
  };

  return {
    pages: pdf.numPages,
    enclosed,
    /** The element of page `number`. */
    sheet: (number) => sheets[number - 1]?.sheet ?? null,
    /** A rectangle `[left, bottom, right, top]` in points as fractions of the shown page: `[left, top, width, height]`. */
    toFractions: (number, rect) => {
      const { box } = sheets[number - 1];
      const [x1, y1] = box.convertToViewportPoint(rect[0], rect[1]);
      const [x2, y2] = box.convertToViewportPoint(rect[2], rect[3]);
      const left = Math.min(x1, x2) / box.width;
      const top = Math.min(y1, y2) / box.height;
      return [left, top, Math.abs(x2 - x1) / box.width, Math.abs(y2 - y1) / box.height];
    },
    /** A place on the shown page (fractions from its upper left) in points of the page's own space. */
    toPoints: (number, left, top) => {
      const { box } = sheets[number - 1];
      return box.convertToPdfPoint(left * box.width, top * box.height);
    },
    destroy: () => {
      stopped = true;
      near.disconnect();
      resized.disconnect();
      holder.remove();
      task.destroy();
    },
  };
}
