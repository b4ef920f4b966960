// Installed by the page; filled by the module of that name.
export function install(_app) {}
