import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      { extends: true, test: { name: 'unit', include: ['{src,tools}/**/*.test.ts'], testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          // What starts processes: it runs the built package.
          name: 'processes',
          include: ['test/**/*.test.ts'],
          globalSetup: 'test/build.setup.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
