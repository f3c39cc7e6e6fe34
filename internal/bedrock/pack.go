package bedrock

import "github.com/adit-hq/adit/internal/model"

// pack is the texts of one call, which start at index first of their job.
type pack struct {
	first int
	texts []string
}

// packBytes bounds the texts of a call as JSON. It is below maxBody, since some
// families echo the texts beside their vectors.
const packBytes = 20_000_000

// Calls returns how many InvokeModel calls the texts need, without retries.
func (t *Target) Calls(texts []string) int { return len(t.packs(texts)) }

// packs cuts the texts into calls: as many texts as the family takes, and no
// more bytes than Bedrock does. A text that is too large alone gets a call of
// its own, which says so.
func (t *Target) packs(texts []string) []pack {
	packs := make([]pack, 0, len(texts)/t.Family.TextsPerCall+1)
	first, size := 0, 0
	for i, text := range texts {
		n := model.QuotedSize(text)
		if i > first && (i-first == t.Family.TextsPerCall || size+n > packBytes) {
			packs = append(packs, pack{first, texts[first:i]})
			first, size = i, 0
		}
		size += n + 1
	}
	return append(packs, pack{first, texts[first:]})
}
