package emulator

import (
	"fmt"
	"sync"
	"time"
)

// heldKey is a key with its policies already parsed.
type heldKey struct {
	Key
	principal principal
}

// keyring holds every key ever registered: an expired key must stay known,
// because AWS answers it differently from an unknown one.
type keyring struct {
	mu    sync.RWMutex
	byID  map[string]*heldKey
	order []string
}

// replace swaps a key for a changed copy, or drops it when change is nil; a
// request in flight keeps the one it found.
func (r *keyring) replace(id string, change func(*heldKey)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.byID[id]
	if old == nil {
		return fmt.Errorf("emulator: key %s is not registered", id)
	}
	if change == nil {
		delete(r.byID, id)
		for i, known := range r.order {
			if known == id {
				r.order = append(r.order[:i:i], r.order[i+1:]...)
				break
			}
		}
		return nil
	}
	fresh := *old
	change(&fresh)
	r.byID[id] = &fresh
	return nil
}

func (r *keyring) get(id string) *heldKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.byID[id]
}

func (r *keyring) first() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.order) == 0 {
		return ""
	}
	return r.order[0]
}

// alive says whether a key is registered and has not expired.
func (r *keyring) alive(id string, now time.Time) bool {
	k := r.get(id)
	return k != nil && now.Before(k.Expires)
}

// prune drops sessions that expired more than a day ago, so that a long-lived
// emulator does not grow.
func (r *keyring) prune(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := r.order[:0:0]
	for _, id := range r.order {
		k := r.byID[id]
		if k.SessionToken != "" && !k.Expires.IsZero() && now.Sub(k.Expires) > 24*time.Hour {
			delete(r.byID, id)
			continue
		}
		kept = append(kept, id)
	}
	r.order = kept
}
