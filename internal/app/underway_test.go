package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestAStopWaitsForTheRequestsThatItCutsOffAndNotForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var u underway
		if !u.wait(time.Second) {
			t.Error("waited where there is no request")
		}
		for _, takes := range []time.Duration{time.Second, time.Hour} {
			h := u.counted(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(takes) }))
			for range 2 {
				go h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			}
			synctest.Wait()
			began := time.Now()
			ended := u.wait(lastCount)
			if took := time.Since(began); ended != (takes < lastCount) || took != min(takes, lastCount) {
				t.Errorf("requests of %v: waited %v, and they have ended: %v", takes, took, ended)
			}
		}
		time.Sleep(time.Hour) // until the last are over
	})
}
