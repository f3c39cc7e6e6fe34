package store_test

import (
	"bytes"
	"errors"
	"maps"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/store/storetest"
	"github.com/adit-hq/adit/internal/usage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func wantUnavailable(t *testing.T, err error, password string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Unavailable || f.Code != "database_down" || f.Remedy == "" {
		t.Errorf("got %v, want an unavailable database with a remedy", err)
		return
	}
	if password != "" && strings.Contains(err.Error(), password) {
		t.Errorf("the error holds the password")
	}
	if strings.Contains(f.Sentence(), "127.0.0.1") {
		t.Errorf("what callers see tells where the database is: %s", f.Sentence())
	}
}

func parse(t *testing.T, text string) (u *url.URL, password string) {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal("the URL of the test database is none")
	}
	password, _ = u.User.Password()
	return u, password
}

func TestAServerThatIsAwayIsDownAndLaterBack(t *testing.T) {
	u, password := parse(t, storetest.Postgres().New(t))
	gate := open(t, u.Host)
	u.Host = gate.address()
	s := storetest.Open(t, u.String())
	change := func() error { return s.CreateOrganization(t.Context(), storetest.Organization("acme")) }

	gate.shut()
	wantUnavailable(t, change(), password)
	_, err := s.Snapshot(t.Context())
	wantUnavailable(t, err, password)
	_, err = s.Revision(t.Context())
	wantUnavailable(t, err, password)
	_, err = store.Open(t.Context(), u.String(), store.Options{})
	wantUnavailable(t, err, password)

	gate.unshut()
	if err := change(); err != nil {
		t.Errorf("after it came back: %v", err)
	}
	if n, err := s.Snapshot(t.Context()); err != nil || len(n.Organizations) != 1 {
		t.Errorf("after it came back there are %d organizations (%v), want 1: the change that failed was not written", len(n.Organizations), err)
	}
}

func TestAWrongPasswordIsNotRepeated(t *testing.T) {
	u, _ := parse(t, storetest.Postgres().New(t))
	u.User = url.UserPassword(u.User.Username(), "hunter2 is wrong")
	_, err := store.Open(t.Context(), u.String(), store.Options{})
	wantUnavailable(t, err, "hunter2")
}

// Or the rows that every change locks stay locked for hours when a machine loses
// its power in the middle of one.
func TestTheServerEndsTransactionsOfClientsThatAreGone(t *testing.T) {
	at := storetest.Postgres().New(t)
	u, _ := parse(t, at)
	given := u.Query()
	given.Set("idle_in_transaction_session_timeout", "5min")
	u.RawQuery = given.Encode()
	for url, want := range map[string]string{at: "30s", u.String(): "5min"} {
		s := storetest.Open(t, url)
		if got, err := s.Show(t.Context(), "idle_in_transaction_session_timeout"); err != nil || got != want {
			t.Errorf("a transaction may be idle for %q, want %q: %v", got, want, err)
		}
	}
}

func TestReplicasThatStartTogetherMigrateOnce(t *testing.T) {
	at := storetest.Postgres().New(t)
	var work sync.WaitGroup
	var mu sync.Mutex
	migrated := 0
	for range 6 {
		work.Go(func() {
			s, err := store.Open(t.Context(), at, store.Options{ByHand: true})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			from, to, err := s.Migrate(t.Context())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if from < to {
				migrated++
			}
		})
	}
	work.Wait()
	if migrated != 1 {
		t.Errorf("%d of 6 migrated, want 1", migrated)
	}
}

// The server adds what it was told to, and only its answer does not arrive.
func TestUsageIsAddedOnceAlsoWhenTheAnswerToACommitGetsLost(t *testing.T) {
	u, _ := parse(t, storetest.Postgres().New(t))
	gate := open(t, u.Host)
	u.Host = gate.address()
	s := storetest.Open(t, u.String())
	m := usage.NewMeter(s, usage.Settings{})
	add := func() {
		m.Add(usage.Record{Organization: "org_1", Model: "titan", Key: "key_1", Counts: usage.Counts{Requests: 1, Cost: 1000}})
	}
	add()
	gate.losing.Store(true)
	if err := m.Flush(t.Context()); err == nil || gate.losing.Load() {
		t.Fatalf("no answer got lost: %v", err)
	}
	add()
	if err := m.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	sums, err := s.Sums(t.Context(), usage.Query{}, usage.By{}, 1)
	if n := usage.Total(sums); err != nil || n.Requests != 2 || n.Cost != 2000 {
		t.Errorf("two requests of 1000 each are %+v: %v", n, err)
	}
}

// gate stands between the store and PostgreSQL, and can be shut.
type gate struct {
	losing   atomic.Bool // has the connection cut instead of the next answer to a COMMIT
	to       string
	mu       sync.Mutex // guards what follows
	closed   bool
	listener net.Listener
	open     map[net.Conn]bool
	silent   map[net.Conn]bool // lets nothing through, and stays
	over     chan struct{}     // closed with the test
	work     sync.WaitGroup
}

func open(t *testing.T, to string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{to: to, listener: l, open: map[net.Conn]bool{}, silent: map[net.Conn]bool{}, over: make(chan struct{})}
	g.work.Go(g.accept)
	t.Cleanup(func() {
		_ = l.Close()
		g.shut()
		close(g.over)
		g.work.Wait()
	})
	return g
}

func (g *gate) address() string { return g.listener.Addr().String() }

func (g *gate) accept() {
	for {
		in, err := g.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", g.to)
		if err != nil || !g.keep(in, out) {
			_ = in.Close()
			continue
		}
		g.work.Go(func() { pass(in, out, func([]byte) bool { return g.heard(in) }) })
		g.work.Go(func() { pass(out, in, func(b []byte) bool { return g.heard(in) && g.answers(b) }) })
	}
}

// pass lets bytes through until one side ends, or there are some that may not.
func pass(from, to net.Conn, may func([]byte) bool) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if !may(buf[:n]) {
			return
		}
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

// answers says whether an answer of the server's may arrive.
func (g *gate) answers(b []byte) bool {
	return !bytes.Contains(b, []byte("COMMIT\x00")) || !g.losing.CompareAndSwap(true, false)
}

// silence has the connections that are open take everything and answer nothing.
func (g *gate) silence() {
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.Copy(g.silent, g.open)
}

// heard waits for the end of the test where the connection is silent.
func (g *gate) heard(in net.Conn) bool {
	g.mu.Lock()
	silent := g.silent[in]
	g.mu.Unlock()
	if silent {
		<-g.over
	}
	return !silent
}

func (g *gate) keep(in, out net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		_ = out.Close()
		return false
	}
	g.open[in], g.open[out] = true, true
	return true
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for c := range g.open {
		_ = c.Close()
	}
	clear(g.open)
}

func (g *gate) unshut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = false
}
