package emulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// controlPrefix is where the emulator itself can be steered while it runs; no
// AWS path begins so.
const controlPrefix = "/_emulator/"

// serveControl is the control surface, in JSON:
//
//	GET    /_emulator/faults  the faults that are left
//	POST   /_emulator/faults  inject one: a Fault, such as {"kind":"throttle","count":3}
//	DELETE /_emulator/faults  remove all
//	GET    /_emulator/trail   the events, oldest first
//	DELETE /_emulator/trail   forget them
//	GET    /_emulator/keys    ids, principals and expiries, never secrets
//	POST   /_emulator/keys    register one: a Key
//	DELETE /_emulator/keys?id=AKIA...   forget one
//	POST   /_emulator/quotas  {"model":"...","rpm":60}
//	GET    /_emulator/iam     providers, roles and policies: an IAMState
//	GET    /_emulator/fetches what STS and IAM asked of issuers
//	DELETE /_emulator/jwks    forget issuers' keys
//	POST   /_emulator/hosts   {"host":"issuer.example.com","address":"127.0.0.1:8443"}
//	POST   /_emulator/settling {"for":"10s"}: new and changed roles are refused so long
//
// It asks for no credentials, so it refuses browsers: a request with an Origin
// header, or a POST that is not declared as JSON, gets 403.
func (e *Emulator) serveControl(w http.ResponseWriter, r *http.Request) {
	declared := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	if r.Header.Get("Origin") != "" || (r.Method == http.MethodPost && !declared) {
		controlError(w, http.StatusForbidden, "POST needs Content-Type: application/json, and no request may carry an Origin.")
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /_emulator/faults":
		controlAnswer(w, e.shownFaults())
	case "POST /_emulator/faults":
		var f shownFault
		controlDo(w, r, &f, func() error { return e.injectShown(f) })
	case "DELETE /_emulator/faults":
		e.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	case "GET /_emulator/trail":
		controlAnswer(w, e.Trail())
	case "DELETE /_emulator/trail":
		e.ClearTrail()
		w.WriteHeader(http.StatusNoContent)
	case "GET /_emulator/keys":
		controlAnswer(w, e.shownKeys())
	case "POST /_emulator/keys":
		var k Key
		controlDo(w, r, &k, func() error { return e.AddKey(k) })
	case "DELETE /_emulator/keys":
		if err := e.RemoveKey(r.URL.Query().Get("id")); err != nil {
			controlError(w, http.StatusNotFound, err.Error())
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case "POST /_emulator/quotas":
		var q struct {
			Model string `json:"model"`
			RPM   int    `json:"rpm"`
		}
		controlDo(w, r, &q, func() error { return e.SetQuota(q.Model, q.RPM) })
	case "GET /_emulator/iam":
		controlAnswer(w, e.IAM())
	default:
		e.serveIssuerControl(w, r)
	}
}

// shownFault is a fault with its delay as people write it.
type shownFault struct {
	Fault
	Delay string `json:"delay,omitempty"` // "250ms"
}

func (e *Emulator) injectShown(s shownFault) (err error) {
	if s.Delay != "" {
		if s.Fault.Delay, err = time.ParseDuration(s.Delay); err != nil {
			return err
		}
	}
	return e.Inject(s.Fault)
}

func (e *Emulator) shownFaults() []shownFault {
	list := []shownFault{}
	for _, f := range e.Faults() {
		s := shownFault{Fault: f}
		if f.Delay > 0 {
			s.Delay = f.Delay.String()
		}
		list = append(list, s)
	}
	return list
}

// shownKey is a key without its secrets.
type shownKey struct {
	AccessKeyID string     `json:"accessKeyId"`
	Principal   string     `json:"principal"`
	Expires     *time.Time `json:"expires,omitempty"`
}

func (e *Emulator) shownKeys() []shownKey {
	list := []shownKey{}
	for _, k := range e.Keys() {
		s := shownKey{AccessKeyID: k.AccessKeyID, Principal: k.Principal}
		if !k.Expires.IsZero() {
			s.Expires = &k.Expires
		}
		list = append(list, s)
	}
	return list
}

// controlDo reads a JSON body into v and acts on it.
func controlDo(w http.ResponseWriter, r *http.Request, v any, act func() error) {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		err = act()
	}
	if err != nil {
		controlError(w, http.StatusBadRequest, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func controlAnswer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // the caller is gone; there is nobody to tell
}

func controlError(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text})
}
