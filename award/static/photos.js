// A photo is made smaller on the device before it is sent, where the browser can: a phone's picture of a page has more
// points than anybody reads, and a line in a district is thin. Drawn anew, it also holds nothing of where it was taken.

const LONGEST = 2560; // points of the longer side: a page of A4 photographed whole stays readable
const SMALL = 1024 * 1024; // bytes; what is no larger goes as it is
const QUALITY = 0.85;

/** The photo made smaller, or the file itself: it is no photo, it is small already, or the browser cannot. */
export async function smaller(file) {
  if (file.type !== "image/jpeg" || file.size <= SMALL) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (drawn?.type !== "image/jpeg" || drawn.size > file.size * 0.8) return file;
    return new File([drawn], file.name, { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file; // too large for this device, or no picture: the site looks at it and says what it is
  } finally {
    picture?.close();
  }
}
