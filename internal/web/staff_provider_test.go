package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/testkit"
)

// withProvider lets a provider of identities answer for staff.
func withProvider(t *testing.T, w *world) *testkit.Provider {
	t.Helper()
	p := testkit.NewProvider(t, w.clock.Now)
	groups, err := accounts.ParseGroups([]string{"khcn-lanhdao=lead@" + string(most), "khcn-chuyenvien=officer@" + string(most)})
	w.must(err)
	w.pages.Accounts.Provider = &accounts.Provider{
		Issuer: p.URL, ClientID: p.ClientID, ClientSecret: p.ClientSecret, GroupsClaim: "groups", Groups: groups,
		RedirectURL: "https://hienke.example.vn/staff/provider/back", SignedOutURL: "https://hienke.example.vn/staff/sign-in?done=signed-out",
	}
	return p
}

// byProvider goes to the provider and comes back.
func (b *browser) byProvider(p *testkit.Provider) page {
	b.w.t.Helper()
	return b.get(b.awayAndBack(p))
}

// awayAndBack returns the address that the provider sends the browser to.
func (b *browser) awayAndBack(p *testkit.Provider) string {
	b.w.t.Helper()
	state, code := p.Visit(b.w.t, b.get("/staff/provider?next=%2Fstaff%2Faccount").is(http.StatusSeeOther).header.Get("Location"))
	return "/staff/provider/back?" + url.Values{"state": {state}, "code": {code}}.Encode()
}

func TestStaffComeInByAProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := withProvider(t, w)
	who := testkit.Identity{Subject: "s-1", Email: "hoa@co.quan", Name: "Lê Thị Hoa", Verified: true, Groups: []string{"moi-nguoi"}}

	b := w.browser()
	b.get("/staff/sign-in").is(http.StatusOK, `href="/staff/provider?next=`, "Đăng nhập bằng tài khoản của cơ quan")
	p.SetPerson(who, testkit.Honest)
	b.byProvider(p).is(http.StatusForbidden, "chưa thuộc nhóm nào", "Hãy đề nghị quản trị viên", `name="password"`)
	b.get("/staff/account").is(http.StatusSeeOther)

	who.Groups = []string{"khcn-chuyenvien"}
	p.SetPerson(who, testkit.Honest)
	arrived := b.byProvider(p).is(http.StatusSeeOther)
	if to := arrived.header.Get("Location"); to != "/staff/account" {
		t.Errorf("the person comes out at %q", to)
	}
	b.follow(arrived).is(http.StatusOK, "Lê Thị Hoa", "Cán bộ xử lý", "Bằng tài khoản của cơ quan").hasNot(`name="current_password"`)

	again := w.browser()
	who.Groups = []string{"khcn-lanhdao"}
	p.SetPerson(who, testkit.Honest)
	again.follow(again.byProvider(p)).is(http.StatusOK, "Lãnh đạo cơ quan")
	b.get("/staff/account").is(http.StatusSeeOther) // what the old group gave has ended

	out := again.post("/staff/sign-out", nil).is(http.StatusOK, "Đã đăng xuất", "Đăng xuất ở nhà cung cấp định danh")
	address, ok := strings.CutPrefix(out.header.Get("Refresh"), "0; url=")
	if !ok || !strings.HasPrefix(address, p.URL+"/end?") {
		t.Fatalf("signing out leads to %q", out.header.Get("Refresh"))
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	w.must(err)
	res, err := client.Do(r)
	w.must(err)
	w.must(res.Body.Close())
	if !slices.Equal(p.Ended(), []string{"s-1"}) || res.Header.Get("Location") != "https://hienke.example.vn/staff/sign-in?done=signed-out" {
		t.Errorf("the provider ended %v and leads to %q", p.Ended(), res.Header.Get("Location"))
	}
	again.get("/staff/account").is(http.StatusSeeOther)

	officer := w.staff(civic.RoleOfficer, "Không qua nhà cung cấp", most)
	officer.post("/staff/sign-out", nil).is(http.StatusSeeOther)
}

// TestAProviderIsNotBelievedBlindly attacks the way back from the provider.
func TestAProviderIsNotBelievedBlindly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := withProvider(t, w)
	who := testkit.Identity{Subject: "s-1", Email: "hoa@co.quan", Name: "Lê Thị Hoa", Verified: true, Groups: []string{"khcn-chuyenvien"}}
	p.SetPerson(who, testkit.Honest)
	out := func(b *browser) { b.get("/staff/account").is(http.StatusSeeOther) }

	thief, victim := w.browser(), w.browser()
	back := thief.awayAndBack(p)
	victim.get(back).is(http.StatusUnauthorized, "Không xác nhận được danh tính", `name="password"`)
	out(victim) // nobody is signed in as somebody else by a link
	thief.get("/staff/provider/back?state=x&error=access_denied").is(http.StatusUnauthorized)
	thief.get(back).is(http.StatusUnauthorized) // the browser has no state any more
	out(thief)
	b := w.browser()
	back = b.awayAndBack(p)
	b.get(back).is(http.StatusSeeOther)
	b.post("/staff/sign-out", nil).is(http.StatusOK)
	b.get(back).is(http.StatusUnauthorized) // once
	out(b)
	for _, lie := range []testkit.Lie{testkit.WrongNonce, testkit.WrongKey, testkit.NoSignature} {
		p.SetPerson(who, lie)
		b.byProvider(p).is(http.StatusUnauthorized, "Không xác nhận được danh tính")
		out(b)
	}

	p.SetPerson(who, testkit.Honest)
	admin := w.staff(civic.RoleAdministrator, "Quản Trị", "")
	path := admin.get("/staff/users?q=hoa@").find(`href="(/staff/users/\d+)" lang="vi">Lê Thị Hoa`)
	admin.follow(admin.post(path+"/close", nil)).is(http.StatusOK, "Đã đóng")
	b.byProvider(p).is(http.StatusForbidden, "Tài khoản này đã đóng")
	out(b)
	p.SetPerson(testkit.Identity{Subject: "s-2", Email: w.account(civic.RoleOfficer, "Đã có mật khẩu", most), Name: "Ai Đó", Verified: true, Groups: who.Groups}, testkit.Honest)
	b.byProvider(p).is(http.StatusConflict, "Hãy đăng nhập bằng mật khẩu")
	out(b)
	w.pages.Accounts.Provider = &accounts.Provider{Issuer: "http://127.0.0.1:1", ClientID: "x", RedirectURL: "x"}
	b.get("/staff/provider").is(http.StatusServiceUnavailable, "chưa trả lời", `name="password"`)
}
