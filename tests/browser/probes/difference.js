// The share of pixels in which two pictures, given as data addresses, differ.
async (sources) => {
  const pixels = async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, image.width, image.height).data;
  };
  const [one, other] = await Promise.all(sources.map(pixels));
  if (one.length !== other.length) return 1;
  let different = 0;
  for (let at = 0; at < one.length; at += 4) {
    const distance = [0, 1, 2].reduce((sum, colour) => sum + Math.abs(one[at + colour] - other[at + colour]), 0);
    if (distance > 24) different++;
  }
  return different / (one.length / 4);
}
