package trust

import (
	"net/http"
	"time"
)

// ReadKeys returns how many ids the keys of a document have.
func ReadKeys(document []byte) (int, error) {
	k, err := readKeys(document)
	if err != nil {
		return 0, err
	}
	return len(k.byID), nil
}

// Freshness is how long an answer with that header is kept.
func Freshness(h http.Header, now time.Time) time.Duration { return freshness(h, now) }
