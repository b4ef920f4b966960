export function install(_app) {}
