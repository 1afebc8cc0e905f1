// Photos as they are sent: no larger than people look at, JPEG, without the camera's notes.
import { sha256 } from './ids.js';

/** @typedef {{ sha256: string, bytes: ArrayBuffer, type: string }} Shot */

const LONGEST_PX = 2048;
const QUALITY = 0.85;
const JPEG = 'image/jpeg';

/** Make a file from the camera ready to be sent. Rejects what the browser cannot read. @param {Blob} file @returns {Promise<Shot>} */
export async function ready(file) {
  const picture = await decoded(file);
  const longest = Math.max(picture.width, picture.height);
  const share = Math.min(1, LONGEST_PX / longest);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * share));
  canvas.height = Math.max(1, Math.round(picture.height * share));
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('no canvas');
  pen.fillStyle = '#ffffff'; // JPEG knows no transparency
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  /** @type {Blob | null} */
  const small = await new Promise((resolve) => canvas.toBlob(resolve, JPEG, QUALITY));
  canvas.width = 0; // some phones give a canvas's memory back only so
  if (!small) throw new Error('no picture');
  const bytes = await small.arrayBuffer();
  return { sha256: sha256(bytes), bytes, type: JPEG };
}

/** The pixels, turned as the camera was held. @param {Blob} file @returns {Promise<HTMLImageElement>} */
async function decoded(file) {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** An address to show a photo from; to be taken back with URL.revokeObjectURL. @param {Shot} shot */
export function shown(shot) {
  return URL.createObjectURL(new Blob([shot.bytes], { type: shot.type }));
}
