package openai

import (
	"net/http"

	"github.com/adit-hq/adit/internal/fault"
)

// health is GET /health: the process answers.
func (a *API) health(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// modelReadiness is one model in the answer of /v1/ready.
type modelReadiness struct {
	Model  string `json:"model"`
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"`
}

// ready is GET /v1/ready: 200 when every model can be called, 503 with the
// reasons otherwise.
func (a *API) ready(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Ready  bool             `json:"ready"`
		Models []modelReadiness `json:"models"`
	}{true, []modelReadiness{}}
	for _, m := range a.Gateway.Ready(r.Context(), a.Auth.holder()) {
		body.Models = append(body.Models, modelReadiness{m.Model, m.Reason == "", m.Reason})
		body.Ready = body.Ready && m.Reason == ""
	}
	if len(body.Models) == 0 {
		body.Ready = false
	}
	code := http.StatusOK
	if !body.Ready {
		code = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	}
	writeJSON(w, code, body)
}

// wrongMethod answers a known path with another method.
func (a *API) wrongMethod(allowed string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allowed)
		f := fault.New(fault.Invalid, "%s is not allowed here", clip(r.Method)).WithCode("method_not_allowed").WithRemedy("Use %s.", allowed)
		a.failWith(w, r, f, http.StatusMethodNotAllowed, "invalid_request_error")
	}
}

const unknownURL = "unknown_url"

// unknownPath answers everything else.
func (a *API) unknownPath(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, fault.New(fault.NotFound, "there is nothing at %s", clip(r.URL.Path)).WithCode(unknownURL).
		WithRemedy("The API is POST /v1/embeddings, GET /v1/models, GET /v1/models/NAME, GET /v1/ready and GET /health."))
}
