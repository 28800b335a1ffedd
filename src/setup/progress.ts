export type SetupEvent =
  | { readonly type: 'waiting'; readonly holder: number }
  | { readonly type: 'step'; readonly name: string; readonly title: string }
  | { readonly type: 'detail'; readonly name: string; readonly text: string }
  | { readonly type: 'done'; readonly name: string; readonly milliseconds: number; readonly cached: boolean }
  | { readonly type: 'removed'; readonly name: string };

export type Report = (event: SetupEvent) => void;
