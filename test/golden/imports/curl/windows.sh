curl ^"https://shop.example.com/search?q=50^%^&page=1^" ^
  -H ^"accept: */*^" ^
  --data-raw ^"^{^\^"name^\^":^\^"Ada^\^"^}^"
