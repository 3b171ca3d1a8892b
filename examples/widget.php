<?php
// SPDX-License-Identifier: MIT
// A page of your own with a chat in its corner. Run it where nginx serves Maru, so that both are one site:
//
//   location /shop/ { ... fastcgi_pass unix:/run/php/php-fpm.sock; }
//
// The room is the first path component after the page's name: widget.php/5 shows room 5.
$room = max(1, (int) ltrim($_SERVER['PATH_INFO'] ?? '/1', '/'));
header('Content-Type: text/html; charset=utf-8');
header("Content-Security-Policy: default-src 'self'; connect-src 'self' ws: wss:");
?>
<!doctype html>
<html lang="ko">
<title>차 가게</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/favicon.svg">
<h1>차 가게</h1>
<p>오늘의 차는 우전이에요. 궁금한 것은 오른쪽 아래에서 물어보세요.</p>
<script src="/widget.js" data-room="<?= $room ?>" defer></script>
</html>
