package roster

import (
	"context"
	"sync"
	"time"
)

// Uses collects when things were last used, until it is written. It holds at
// most one time for each thing that there is. The zero value is empty; it is
// safe for concurrent use.
type Uses struct {
	mu      sync.Mutex
	waiting map[string]time.Time
	writing sync.Mutex // one writer at a time
}

// Note keeps the later of two uses.
func (u *Uses) Note(id string, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.waiting == nil {
		u.waiting = map[string]time.Time{}
	}
	if at.After(u.waiting[id]) {
		u.waiting[id] = at
	}
}

// Flush writes what waits. What a failed write did not write goes on waiting.
func (u *Uses) Flush(ctx context.Context, write func(context.Context, map[string]time.Time) error) error {
	u.writing.Lock()
	defer u.writing.Unlock()
	all := u.take()
	if len(all) == 0 {
		return nil
	}
	err := write(ctx, all)
	if err != nil {
		for id, at := range all {
			u.Note(id, at)
		}
	}
	return err
}

func (u *Uses) take() map[string]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := u.waiting
	u.waiting = nil
	return all
}

// Over returns for the things with the ids when they were last used: as it is
// stored, or later where a use waits to be written. One that never was is not in it.
func (u *Uses) Over(stored map[string]time.Time, ids []string) map[string]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := make(map[string]time.Time, len(stored))
	for _, id := range ids {
		at, known := stored[id]
		if waiting := u.waiting[id]; waiting.After(at) {
			at, known = waiting, true
		}
		if known {
			all[id] = at
		}
	}
	return all
}
