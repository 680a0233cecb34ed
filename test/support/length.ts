/** Whether the tests run in their long form, by `npm run test:long` or `test:hostile`. */
export const isLong: boolean = process.env.MODE === 'long'
