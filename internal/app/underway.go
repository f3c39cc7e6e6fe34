package app

import (
	"net/http"
	"sync"
	"time"
)

// lastCount is how long requests that were cut off may take to end. None of them
// does more than notice it.
const lastCount = 2 * time.Second

// underway are the requests that handlers work on. To close a connection does not
// wait for its handler, which counts what a request has used as the last thing it does.
type underway struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed when there are none; nil while nobody waits
}

// counted has the requests of a handler counted.
func (u *underway) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.begins()
		defer u.ends()
		next.ServeHTTP(w, r)
	})
}

func (u *underway) begins() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.n++
}

func (u *underway) ends() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.n--
	if u.n == 0 && u.none != nil {
		close(u.none)
		u.none = nil
	}
}

// wait waits until there is none, and reports whether that was so in time. One
// at a time may wait.
func (u *underway) wait(most time.Duration) bool {
	u.mu.Lock()
	if u.n == 0 {
		u.mu.Unlock()
		return true
	}
	none := make(chan struct{})
	u.none = none
	u.mu.Unlock()
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-none:
		return true
	case <-late.C:
		return false
	}
}
