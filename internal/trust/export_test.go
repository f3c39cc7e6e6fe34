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

// Remember puts n tokens into an empty memory, every second one with its end in
// the past, and returns how many are in it and whether the last is.
func Remember(n int, now time.Time) (kept int, last bool) {
	var v verified
	var token [32]byte
	for i := range n {
		token = [32]byte{byte(i), byte(i >> 8), byte(i >> 16)}
		v.put(token, proof{until: now.Add(time.Duration(i%2*2-1) * time.Minute)}, now)
	}
	_, last = v.get(token, now)
	return len(v.seen), last
}
