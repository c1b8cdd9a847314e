package testkit

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update tells tests to write what they compare with anew. One flag for all,
// since a name can be taken only once in a test binary.
var Update = flag.Bool("update", false, "write golden files, and openapi.json, anew")

// Written is the mail as a person sees it, with what programs read of its
// header, in both forms.
func (m Message) Written() []byte {
	var b bytes.Buffer
	for _, name := range []string{"From", "To", "Date", "Message-Id", "References", "List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language", "Auto-Submitted"} {
		fmt.Fprintf(&b, "%s: %s\n", name, m.Header.Get(name))
	}
	fmt.Fprintf(&b, "Subject (decoded): %s\n\n%s", m.Subject, strings.ReplaceAll(m.Text("text/plain"), "\r\n", "\n"))
	fmt.Fprintf(&b, "\n--- text/html ---\n%s", strings.ReplaceAll(m.Text("text/html"), "\r\n", "\n"))
	return b.Bytes()
}

// Golden fails the test unless the mail reads as the file does; with -update it
// writes the file.
func (m Message) Golden(t testing.TB, file string) {
	t.Helper()
	got := m.Written()
	if *Update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the letter changed; look at it and run with -update (-want +got):\n%s", diff)
	}
}
