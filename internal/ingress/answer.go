package ingress

import "net/http"

// WatchStatus returns w, but notes in status the HTTP status of the answer: status
// must be 0, and stays so until the answer begins.
func WatchStatus(w http.ResponseWriter, status *int) http.ResponseWriter {
	return &watched{w, status}
}

type watched struct {
	http.ResponseWriter
	status *int
}

func (w *watched) WriteHeader(code int) {
	if *w.status == 0 {
		*w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *watched) Write(b []byte) (int, error) {
	if *w.status == 0 {
		*w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Method is a method as traces and logs name it: never one that a client made
// up. The word for the others is OpenTelemetry's.
func Method(name string) string {
	switch name {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return name
	}
	return "_OTHER"
}
