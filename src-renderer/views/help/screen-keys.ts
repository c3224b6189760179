/** The keys that only one screen has, for reading about them elsewhere; on the screen itself `?` shows those that are live. */
export const SCREEN_KEYS: { screen: string; keys: [key: string, what: string][] }[] = [
  {
    screen: 'Features',
    keys: [
      ['j k', 'next, previous feature of the list'],
      ['l', 'label'],
      ['t', 'tags'],
      ['n', 'notes'],
      ['s', 'star'],
      ['x', 'uninterpretable'],
      ['/', 'search'],
      ['Ctrl Z', 'undo the last change of a label'],
      ['Ctrl Shift Z', 'redo it'],
    ],
  },
  {
    screen: 'Compare',
    keys: [['← →', 'move the threshold while it has the focus']],
  },
  {
    screen: 'Stitch',
    keys: [
      ['a', 'add the picked features'],
      ['d', 'remove them'],
      ['w', 'swap the component of the picked feature'],
      ['z', 'undo'],
      ['y', 'redo'],
    ],
  },
]
