package emulator

import (
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Emulator is one pretended AWS: its keys, profiles, quotas, faults and trail.
// All methods may be called from many goroutines. It starts no goroutine until
// Start is called.
type Emulator struct {
	account       string
	skew          time.Duration
	minLatency    time.Duration
	maxLatency    time.Duration
	bodies        bool
	v4Object      bool
	v4OnDemand    bool
	noDefaultKey  bool
	tls           *tlsSettings
	models        []model
	shapes        []func() error // what options do to models
	agreements    agreements
	keys          keyring
	bearers       bearers
	profiles      profiles
	quotas        quotas
	faults        faults
	trail         trail
	containers    containers
	instance      instance
	sso           portal
	webIdentities webIdentities
	iam           iamState
	issuers       issuers
	documents     documents
	clock         func() time.Time
	dice          dice
	flight        atomic.Int64
	listener      listener
}

// Option sets up an Emulator in New.
type Option func(*Emulator) error

// New builds an emulator. Without options it holds account 111122223333, one
// key that may do everything in Bedrock (see DefaultKey), no quotas, no
// latency and no faults. It fails on an option that it cannot honour, such as
// a policy with an operator it does not know.
func New(opts ...Option) (*Emulator, error) {
	e := &Emulator{account: "111122223333", clock: time.Now}
	e.trail.limit = defaultTrailSize
	e.dice.seed(randomSeed())
	for _, opt := range opts {
		if err := opt(e); err != nil {
			return nil, err
		}
	}
	e.models = shapedCatalogue(e.v4OnDemand)
	for _, shape := range e.shapes {
		if err := shape(); err != nil {
			return nil, err
		}
	}
	if e.keys.first() == "" && !e.noDefaultKey {
		if _, err := e.AddUser("adit", allowBedrock); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Account is the twelve-digit account that the emulator plays.
func (e *Emulator) Account() string { return e.account }

// Handler answers for every service on one handler. Services are told apart
// by path, and a signed request must carry the service's name in the scope of
// its signature.
func (e *Emulator) Handler() http.Handler { return http.HandlerFunc(e.serve) }

// now is the emulator's clock: the machine's or WithClock's, moved by WithClockSkew.
func (e *Emulator) now() time.Time { return e.clock().Add(e.skew) }

// dice is the one source of chance: latency and faults draw from it, so that a
// seed repeats a run as long as the calls arrive in the same order.
type dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func (d *dice) seed(seed uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rng = rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)) // chance for tests, not a secret
}

// float draws from [0,1).
func (d *dice) float() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.Float64()
}

func randomSeed() uint64 {
	var b [8]byte
	crand.Read(b[:]) // documented never to fail
	return binary.LittleEndian.Uint64(b[:])
}

// newRequestID is a random UUID, the shape of x-amzn-RequestId.
func newRequestID() string {
	var b [16]byte
	crand.Read(b[:]) // documented never to fail
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
