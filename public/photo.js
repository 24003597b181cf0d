// Pictures from the camera or a file: turned upright, made small enough to send, as JPEG. Loaded where a picture is chosen.

/** Draws `file` upright onto a canvas, its longer side at most `longest` pixels, on white. */
async function draw(file, longest) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d', { alpha: false });
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

function encode(canvas, quality) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture cannot be encoded'))), 'image/jpeg', quality);
  });
}

/** @returns {Promise<{bytes: Uint8Array, width: number, height: number}>} a JPEG in RGB */
export async function jpeg(file, longest) {
  const canvas = await draw(file, longest);
  const blob = await encode(canvas, 0.85);
  return { bytes: new Uint8Array(await blob.arrayBuffer()), width: canvas.width, height: canvas.height };
}

/** @returns {Promise<string>} a data URL of a JPEG */
export async function picture(file, longest) {
  const blob = await encode(await draw(file, longest), 0.85);
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
