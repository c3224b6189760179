export const PEOPLE = [
  'Alice', 'Bob', 'Carol', 'David', 'Emma', 'Frank', 'Grace', 'Henry', 'Ivy', 'Jack', 'Kate', 'Leo', 'Mary', 'Noah',
  'Olive', 'Peter', 'Rose', 'Sam', 'Tom', 'Vera',
] as const // prettier-ignore
export const PLACES = [
  'store',
  'park',
  'school',
  'garden',
  'market',
  'station',
  'library',
  'beach',
  'museum',
  'harbor',
] as const
export const THINGS = [
  'snack',
  'book',
  'ball',
  'drink',
  'letter',
  'ring',
  'map',
  'lamp',
  'basket',
  'flower',
] as const
export const ANIMALS = ['dog', 'cat', 'bird', 'horse', 'fox', 'rabbit', 'duck', 'sheep'] as const
export const COLOURS = ['red', 'blue', 'green', 'yellow', 'black', 'white', 'brown'] as const
export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const
export const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
] as const // prettier-ignore
export const FEELINGS = ['happy', 'sad', 'tired', 'proud', 'afraid', 'calm'] as const

/** Brackets with the one that closes each. */
export const BRACKETS = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
] as const

export const SPANISH = {
  people: ['Ana', 'Carlos', 'Elena', 'Jorge', 'Lucia', 'Miguel'],
  places: ['a la tienda', 'al parque', 'a la escuela', 'al jardin', 'a la playa'],
  things: ['un libro', 'una flor', 'una carta', 'un mapa'],
  animals: ['el perro', 'el gato', 'el caballo', 'la oveja'],
  weekdays: ['lunes', 'martes', 'miercoles', 'jueves', 'viernes', 'sabado', 'domingo'],
} as const
