/** The id in `/v1/models/{id}`: it may hold slashes, and what is no escape stands for itself. */
export const modelIn = (path: string): string => {
  const id = path.slice(path.indexOf('/models/') + '/models/'.length).replace(/\/$/, '');
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
};
