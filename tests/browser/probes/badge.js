// Which share of the icon's lower right quarter is red, and which of its upper left quarter.
async () => {
  const image = new Image(64, 64);
  image.src = document.querySelector("link[rel=icon]").href;
  await image.decode();
  const pen = new OffscreenCanvas(64, 64).getContext("2d");
  pen.drawImage(image, 0, 0, 64, 64);
  const redness = (x, y) => {
    const { data } = pen.getImageData(x, y, 32, 32);
    let red = 0;
    for (let at = 0; at < data.length; at += 4) red += data[at] > 150 && data[at + 1] < 80 && data[at + 2] < 80 ? 1 : 0;
    return red / 1024;
  };
  return [redness(32, 32), redness(0, 0)];
}
