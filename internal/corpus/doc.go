// Package corpus knows how a large body of texts becomes a file of vectors: it
// reads rows from lines, JSONL or CSV, sends them off in batches of which few
// are on the way at once, puts the answers back into the order of the input,
// and writes a line of JSON for each row.
//
// It does not know who embeds the texts: that is an [Embedder]. It keeps no
// more than a window of batches in memory, however long the input is. A text
// never appears in an error or in the list of failed rows.
package corpus
