/** What the server wrote into the page: addresses, which differ behind a path prefix, and the token of its forms. */
const data = document.querySelector<HTMLMetaElement>('meta[name="engage"]')!.dataset;

export const page = {
  root: data.root!,
  api: data.api!,
  people: data.people!,
  signIn: data.signIn!,
  signOut: data.signOut!,
  chooseTenant: data.chooseTenant!,
  /** Slug of the company that the session is in. */
  tenant: data.tenant!,
  token: data.token!,
};
