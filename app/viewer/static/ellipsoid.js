// Lengths and areas on the ellipsoid of CGCS2000, and Gauss-Krüger zones by longitude. Positions are [longitude, latitude] in degrees.
const A = 6378137;
const F = 1 / 298.257222101;
const B = A * (1 - F);
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const RAD = Math.PI / 180;

/** Length in metres of the geodesic between two positions (Vincenty's inverse formula). */
export function distance([lon1, lat1], [lon2, lat2]) {
  const [u1, u2] = [lat1, lat2].map((lat) => Math.atan((1 - F) * Math.tan(lat * RAD)));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  const l = (lon2 - lon1) * RAD;
  let lambda = l;
  for (let i = 0; i < 200; i++) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sigmaSin = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sigmaSin === 0) return 0;
    const sigmaCos = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sigmaSin, sigmaCos);
    const alphaSin = (c1 * c2 * sl) / sigmaSin;
    const alphaCos2 = 1 - alphaSin ** 2;
    const middle = alphaCos2 ? sigmaCos - (2 * s1 * s2) / alphaCos2 : 0;
    const c = (F / 16) * alphaCos2 * (4 + F * (4 - 3 * alphaCos2));
    const before = lambda;
    lambda = l + (1 - c) * F * alphaSin * (sigma + c * sigmaSin * (middle + c * sigmaCos * (2 * middle ** 2 - 1)));
    if (Math.abs(lambda - before) < 1e-12) {
      const u = (alphaCos2 * (A ** 2 - B ** 2)) / B ** 2;
      const k = 1 + (u / 16384) * (4096 + u * (-768 + u * (320 - 175 * u)));
      const m = (u / 1024) * (256 + u * (-128 + u * (74 - 47 * u)));
      const delta = m * sigmaSin * (middle + (m / 4) * (sigmaCos * (2 * middle ** 2 - 1) - (m / 6) * middle * (4 * sigmaSin ** 2 - 3) * (4 * middle ** 2 - 3)));
      return B * k * (sigma - delta);
    }
  }
  return Number.NaN;
}

/** Length of a line in metres. */
export function length(line) {
  let sum = 0;
  for (let i = 1; i < line.length; i++) sum += distance(line[i - 1], line[i]);
  return sum;
}

/** Area from the equator to a latitude, for one radian of longitude. */
function strip(lat) {
  const s = Math.sin(lat * RAD);
  return ((B * B) / 2) * (s / (1 - E2 * s * s) + Math.log((1 + E * s) / (1 - E * s)) / (2 * E));
}

/** Area in square metres of a ring whose edges are straight in longitude and latitude, as the service stores them. */
export function area(ring) {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const [[x0, y0], [x1, y1]] = [ring[i], ring[(i + 1) % ring.length]];
    const steps = 16;
    let mean = strip(y0) + strip(y1);
    for (let k = 1; k < steps; k++) mean += (k % 2 ? 4 : 2) * strip(y0 + ((y1 - y0) * k) / steps);
    sum += ((x1 - x0) * RAD * mean) / (3 * steps);
  }
  return Math.abs(sum);
}

/** The 3° zone that a longitude falls in: its number, central meridian, and EPSG code with the zone's number in the easting. */
export function zone(lon) {
  const number = Math.round(lon / 3);
  return { number, meridian: 3 * number, epsg: 4488 + number };
}
