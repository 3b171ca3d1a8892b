// esbuild gives the text of it.
declare module '*.css' {
  const text: string;
  export default text;
}
