//go:build unix

package credential_test

import (
	"io"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestAProgramThatHangsIsEndedWithAllThatItStarted(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.budget = 300 * time.Millisecond
	fifo := m.home + "/fifo"
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		file, err := os.Open(fifo) // waits for the writer
		if err == nil {
			defer file.Close()
			_, err = io.Copy(io.Discard, file) // ends when the last writer does
		}
		ended <- err
	}()
	m.program("sleep 60 3>" + fifo + " & wait")
	if _, err := m.chain().Credentials(t.Context(), anybody()); err == nil {
		t.Fatal("credentials from a program that hangs")
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("what the program started is still there")
	}
}
