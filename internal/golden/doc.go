// Package golden holds the test that keeps the device side's implementations equal: it turns seeded event streams,
// plain and absurd ones, into windows, features, embeddings, liveness measures and quality flags, and windows of touch
// into what their strokes come to, and compares them with testdata/golden. The TypeScript tests read the same files.
// There is nothing in it to import.
package golden
