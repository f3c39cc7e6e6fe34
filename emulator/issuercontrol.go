package emulator

import (
	"net/http"
	"time"
)

// serveIssuerControl is the part of the control surface that is about issuers
// and roles.
func (e *Emulator) serveIssuerControl(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /_emulator/fetches":
		controlAnswer(w, e.Fetches())
	case "DELETE /_emulator/jwks":
		e.ForgetKeys()
		w.WriteHeader(http.StatusNoContent)
	case "POST /_emulator/hosts":
		var h struct {
			Host    string `json:"host"`
			Address string `json:"address"`
		}
		controlDo(w, r, &h, func() error { return e.MapHost(h.Host, h.Address) })
	case "POST /_emulator/settling":
		var s struct {
			For string `json:"for"`
		}
		controlDo(w, r, &s, func() error {
			d, err := time.ParseDuration(s.For)
			if err == nil {
				e.SetSettling(d)
			}
			return err
		})
	default:
		controlError(w, http.StatusNotFound, "The control surface has faults, trail, keys, quotas, iam, fetches, jwks, hosts and settling.")
	}
}
