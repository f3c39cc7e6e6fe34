package trust

import (
	"crypto/sha256"
	"sync"
	"time"
)

// The bounds of what is remembered of tokens that were let in.
const (
	maxVerified = 4096
	remembered  = 5 * time.Minute
)

// proof is what a verified signature proved. Whether it still lets anybody in is
// asked of the rules and of the issuer's keys with every request.
type proof struct {
	organization, issuer, subject string
	kid, thumbprint               string // the key that signed it
	until                         time.Time
}

// verified remembers tokens, by hash, whose signature was verified and that were
// let in, so that a job that sends the same token again costs no signature.
type verified struct {
	mu   sync.RWMutex
	seen map[[sha256.Size]byte]proof
}

func (v *verified) get(token [sha256.Size]byte, now time.Time) (proof, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	p, ok := v.seen[token]
	return p, ok && now.Before(p.until)
}

// put remembers a token. When there is no room what ended goes, and if that is
// nothing, some other: it costs a signature to come back.
func (v *verified) put(token [sha256.Size]byte, p proof, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen == nil {
		v.seen = map[[sha256.Size]byte]proof{}
	}
	if len(v.seen) >= maxVerified {
		for each, old := range v.seen {
			if !now.Before(old.until) {
				delete(v.seen, each)
			}
		}
		for each := range v.seen {
			if len(v.seen) < maxVerified*7/8 { // room for some, so that not every token searches
				break
			}
			delete(v.seen, each)
		}
	}
	v.seen[token] = p
}
