package web_test

import (
	"html"
	"net/http"
	"net/url"
	"testing"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/testkit"
)

func TestTheOwnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.browser().get("/staff/account").is(http.StatusSeeOther)
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.get("/staff/account").is(http.StatusOK, "Lê Thị Hoa", "Cán bộ xử lý", "Phiên này", "Chưa bật")
	officer.get("/staff/account?lang=en")
	officer.get("/staff/account").is(http.StatusOK, "Change the password", "This one", "Switch on the authenticator app", "Add a passkey")
	officer.post("/staff/account/password", url.Values{"current_password": {"sai"}, "password": {"một câu dài dễ nhớ"}}).
		is(http.StatusUnprocessableEntity, `href="#password-current-password"`, "current password is not right")
	p := officer.post("/staff/account/codes", url.Values{"current_password": {password}})
	officer.follow(p).is(http.StatusOK, "<svg", "Type the first code")
	officer.post("/staff/account/codes/confirm", url.Values{"code": {"12"}}).is(http.StatusUnprocessableEntity, `href="#confirm-code"`)
	p = officer.post("/staff/account/password", url.Values{"current_password": {password}, "password": {"một câu dài dễ nhớ"}})
	officer.follow(p).is(http.StatusOK, "The password was set")
	officer.get("/staff/account").is(http.StatusSeeOther)
}

func TestForgottenPasswords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.get("/staff/sign-in").is(http.StatusOK, `href="/staff/reset"`)
	b.post("/staff/reset", url.Values{}).is(http.StatusUnprocessableEntity, "Thư điện tử")
	known := b.follow(b.post("/staff/reset", url.Values{"email": {w.account(civic.RoleOfficer, "Lê Thị Hoa", most)}})).is(http.StatusOK)
	unknown := b.follow(b.post("/staff/reset", url.Values{"email": {"khong.co@example.vn"}})).is(http.StatusOK, "Nếu có tài khoản")
	if known.body != unknown.body {
		t.Error("the page tells whether there is an account")
	}
	b.get("/staff/link/khong-co").is(http.StatusGone, "không còn dùng được")
}

func TestAdministratorsManageAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.staff(civic.RoleAdministrator, "Quản Trị", "")
	admin.post("/staff/users", url.Values{"email": {"khong"}, "name": {""}}).is(http.StatusUnprocessableEntity, `href="#email"`, `href="#name"`, `href="#role"`)
	invite := url.Values{"email": {"Moi@Example.VN"}, "name": {"Trần Mới"}, "role": {"officer"}, "agency": {string(most)}}
	admin.follow(admin.post("/staff/users", invite)).is(http.StatusOK, "Đã gửi lời mời", "moi@example.vn", "Đã mời")
	admin.post("/staff/users", invite).is(http.StatusUnprocessableEntity, `href="#email"`)
	admin.get("/staff/users?q=tran+moi").is(http.StatusOK, "1 tài khoản", "Trần Mới")
	admin.get("/staff/users?q=tran+moi&role=auditor").is(http.StatusOK, "0 tài khoản")
	path := admin.get("/staff/users?q=moi@").find(`href="(/staff/users/\d+)" lang="vi">Trần Mới`)
	admin.get(path).is(http.StatusOK, "Gửi lại lời mời", "Gửi lời mời: Cán bộ xử lý", "Quản Trị")
	admin.post(path+"/role", url.Values{"role": {"lead"}}).is(http.StatusUnprocessableEntity, `href="#agency"`)
	admin.follow(admin.post(path+"/role", url.Values{"role": {"lead"}, "agency": {string(most)}})).is(http.StatusOK, "Lãnh đạo cơ quan", "Đổi vai trò: Cán bộ xử lý, Bộ Khoa học và Công nghệ → Lãnh đạo cơ quan, Bộ Khoa học và Công nghệ")
	admin.follow(admin.post(path+"/close", nil)).is(http.StatusOK, "Đã đóng", "Mở lại")
	self := admin.get("/staff/users?q=quan+tri").find(`href="(/staff/users/\d+)" lang="vi">Quản Trị`)
	admin.post(self+"/close", nil).is(http.StatusConflict, "quản trị viên cuối cùng")
	auditor := w.staff(civic.RoleAuditor, "Kiểm Tra", "")
	auditor.get("/staff/users").is(http.StatusOK, "Trần Mới").hasNot("Gửi lời mời")
	auditor.get(path).is(http.StatusOK, "Lịch sử thay đổi").hasNot("Mở lại")
	auditor.post(path+"/reopen", nil).is(http.StatusForbidden)
}

func TestTokensOfPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.staff(civic.RoleAdministrator, "Quản Trị", "")
	admin.get("/staff/tokens").is(http.StatusOK, "Chưa có tài khoản dịch vụ")
	admin.follow(admin.post("/staff/users", url.Values{"email": {"cong@dich.vu"}, "name": {"Cổng dịch vụ"}, "role": {"service"}})).is(http.StatusOK, "Tài khoản dịch vụ")
	account := admin.get("/staff/tokens").is(http.StatusOK).find(`<option value="(\d+)"`)
	form := url.Values{"account": {account}, "name": {"Đồng bộ"}, "expires": {"2027-01-31"}}
	admin.post("/staff/tokens", form).is(http.StatusUnprocessableEntity, "Đồng bộ", `<a href="#scope-queue-see">Chọn ít nhất một quyền`).hasNot("hks_")
	form.Set("scope.queue.see", "yes")
	admin.post("/staff/tokens", form).is(http.StatusOK, "hks_", "Xem danh sách hồ sơ", "31/01/2027").hasNot(`value="Đồng bộ"`)
	p := admin.get("/staff/tokens").is(http.StatusOK, "Đồng bộ").hasNot("hks_")
	admin.follow(admin.post(p.find(`action="(/staff/tokens/\d+/revoke)"`), nil)).is(http.StatusOK, "Đã thu hồi").hasNot("/revoke\"")
}

// TestPasskeysOnThePages walks the forms that a script fills in, with a device
// in software.
func TestPasskeysOnThePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	device := &testkit.Authenticator{Origin: "https://hienke.example.vn", RPID: "hienke.example.vn", Verifies: true}
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.post("/staff/account/passkeys", url.Values{"current_password": {"sai"}}).is(http.StatusUnprocessableEntity, `href="#passkey-current-password"`)
	fill := func(p page, answer func(testing.TB, string) testkit.AuthenticatorResponse, more url.Values) url.Values {
		more.Set("step", p.find(`name="step" value="([^"]+)"`))
		more.Set("credential", answer(t, html.UnescapeString(p.find(`data-options="([^"]+)"`))).JSON())
		return more
	}
	asked := officer.post("/staff/account/passkeys", url.Values{"current_password": {password}}).is(http.StatusOK, "Tạo khóa", "/assets/passkeys.")
	form := fill(asked, device.Create, url.Values{"name": {"Điện thoại"}})
	officer.post("/staff/account/passkeys/confirm", form).is(http.StatusOK, "Mã dự phòng mới", "Điện thoại", "chưa dùng lần nào")
	officer.post("/staff/account/passkeys/confirm", form).is(http.StatusConflict, "Đã quá lâu")
	id := officer.get("/staff/account").is(http.StatusOK, "1 khóa truy cập").find(`/staff/account/passkeys/(\d+)/rename`)
	officer.post("/staff/account/passkeys/"+id+"/rename", url.Values{"name": {" "}}).is(http.StatusUnprocessableEntity, `href="#passkey-`+id+`-rename-name"`, "<details class=\"hk-more\" open>")
	email := officer.get("/staff/account").find(`([a-z0-9]+@example\.vn)`)
	other := w.staff(civic.RoleOfficer, "Người Khác", most)
	other.post("/staff/account/passkeys/"+id+"/remove", url.Values{"current_password": {password}}).is(http.StatusNotFound)

	b := w.browser()
	b.get("/staff/sign-in").is(http.StatusOK, "Đăng nhập bằng khóa truy cập")
	asked = b.post("/staff/sign-in/passkey", url.Values{"next": {"/staff/account"}}).is(http.StatusOK, "data-at-once")
	form = fill(asked, device.Get, url.Values{"next": {"/staff/account"}})
	b.follow(b.post("/staff/sign-in/passkey/finish", form)).is(http.StatusOK, "Lê Thị Hoa", "dùng lần cuối")
	w.browser().post("/staff/sign-in/passkey/finish", form).is(http.StatusUnauthorized, "Đã quá lâu")

	asked = w.browser().post("/staff/sign-in", url.Values{"email": {email}, "password": {password}}).is(http.StatusOK, "Dùng khóa truy cập", `name="code"`)
	b = w.browser()
	b.follow(b.post("/staff/sign-in/passkey/second", fill(asked, device.Get, url.Values{}))).is(http.StatusOK)
	device.Origin = "https://evil.example"
	asked = b.post("/staff/sign-in/passkey", nil)
	w.browser().post("/staff/sign-in/passkey/finish", fill(asked, device.Get, url.Values{})).is(http.StatusUnauthorized, "Không nhận ra khóa truy cập này", `name="password"`)
	officer.follow(officer.post("/staff/account/passkeys/"+id+"/remove", url.Values{"current_password": {password}})).is(http.StatusSeeOther)

	w.pages.Accounts.Passkeys.Alone = false
	b.get("/staff/sign-in").is(http.StatusOK).hasNot("khóa truy cập")
	b.post("/staff/sign-in/passkey", nil).is(http.StatusNotFound)
	w.pages.Accounts.Passkeys, _ = accounts.NewPasskeys("http://127.0.0.1:8080", true)
	other.get("/staff/account").is(http.StatusOK, "Khóa truy cập cần một địa chỉ https", "http://127.0.0.1:8080").hasNot("Thêm khóa truy cập")
}
